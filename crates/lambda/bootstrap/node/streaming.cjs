// Handlers that write their response while they run: the global `awslambda`, and the stream that such a handler gets.
//
// AWS: Lambda Developer Guide, "Writing response streaming-enabled Lambda functions".
'use strict';

const { Writable } = require('node:stream');

/** By these a handler is known, wherever it was marked. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

const HTTP_RESPONSE = 'application/vnd.awslambda.http-integration-response';
/** What stands between the metadata of an HTTP response and its body. */
const DELIMITER = Buffer.alloc(8);

/** The bytes that a handler writes: what is no text and no bytes is written as JSON. */
function writable(chunk) {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
}

/** The response of one event. Nothing is sent before the first write, so that an error until then is an error's own response. */
class ResponseStream extends Writable {
  constructor(client, requestId, highWaterMark) {
    super(highWaterMark === undefined ? {} : { highWaterMark });
    this.client = client;
    this.requestId = requestId;
    this.contentType = 'application/octet-stream';
    /** The response on the wire; null before the first write. */
    this.sent = null;
    /** Settles when nothing more will be written, for good or bad. */
    this.over = new Promise((resolve) => {
      this.once('close', resolve);
    });
    // A handler that does not listen is told by its next write, and the bootstrap by `errored`.
    this.on('error', () => {});
  }

  setContentType(contentType) {
    if (this.sent !== null) {
      const error = new Error('Cannot set content-type, too late.');
      error.name = 'Runtime.InvalidStreamingOperation';
      throw error;
    }
    this.contentType = contentType;
  }

  write(chunk, encoding, callback) {
    return super.write(writable(chunk), encoding, callback);
  }

  end(chunk, encoding, callback) {
    const isNothing = chunk === undefined || chunk === null || typeof chunk === 'function';
    return super.end(isNothing ? chunk : writable(chunk), encoding, callback);
  }

  _write(chunk, encoding, callback) {
    this.send([chunk], callback);
  }

  _writev(chunks, callback) {
    this.send(chunks.map(({ chunk }) => chunk), callback);
  }

  _final(callback) {
    this.open().end(null, callback);
  }

  send(pieces, callback) {
    const first = [];
    // What `HttpResponseStream.from` puts before the handler's first bytes.
    if (this.sent === null) this._onBeforeFirstWrite?.((piece) => first.push(Buffer.from(piece)));
    this.open().write([...first, ...pieces], callback);
  }

  open() {
    this.sent ??= this.client.stream(this.requestId, this.contentType);
    return this.sent;
  }
}

class HttpResponseStream {
  /** The same stream, whose first bytes will be the metadata of an HTTP response. */
  static from(stream, metadata) {
    stream.setContentType(HTTP_RESPONSE);
    const text = JSON.stringify(metadata);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(DELIMITER);
    };
    return stream;
  }
}

/** Marks a handler that takes `(event, responseStream, context)`. */
function streamifyResponse(handler, options) {
  handler[STREAMING] = 'response';
  if (options?.highWaterMark !== undefined) handler[HIGH_WATER_MARK] = parseInt(options.highWaterMark, 10);
  return handler;
}

/** Provides `awslambda` to the function's code, unless its configuration does not want it. */
function install(environment) {
  const unwanted = environment.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA;
  if (unwanted === '1' || unwanted === 'true') return;
  globalThis.awslambda = { streamifyResponse, HttpResponseStream };
}

function isStreaming(handler) {
  return handler[STREAMING] === 'response';
}

module.exports = { ResponseStream, install, isStreaming, HIGH_WATER_MARK };
