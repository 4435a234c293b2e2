// The Runtime API over one raw keep-alive socket: the `http` module costs a function several milliseconds at its first
// invocation and three times the time at every later one.
//
// The socket is unreferenced while user code runs, so that only the user's own work keeps the event loop alive.
'use strict';

const net = require('node:net');

const HEAD_END = Buffer.from('\r\n\r\n');
/** A body of more characters is sent as bytes of its own. */
const ONE_STRING_MAX = 16384;

const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
/** Where a status line has its number. */
const STATUS_AT = 'HTTP/1.1 '.length;

/** What the runtime API answered. Only the headers of events are looked at, so they are taken apart when asked for. */
class Answer {
  constructor(head, body) {
    this.head = head;
    this.body = body;
    this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
  }

  headers() {
    const headers = new Map();
    for (const line of this.head.split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    return headers;
  }
}

/** A text that can stand in a header. */
function headerText(text) {
  return String(text).replace(/[^\x20-\x7e]/g, '?');
}

/** A response on its way, in chunks. The socket keeps the process alive only while it has something of it to send. */
class ResponseWriter {
  constructor(socket, head, answered) {
    this.socket = socket;
    this.head = head;
    /** Settles when the runtime API has answered, which it does once the response has ended. */
    this.answered = answered;
    this.isEnded = false;
    // Whoever waits for the answer learns of a broken connection; before that nobody has to.
    answered.catch(() => {});
  }

  /** Sends pieces as one chunk. */
  write(pieces, callback) {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const frame = length === 0 ? [] : [`${length.toString(16)}\r\n`, ...pieces, '\r\n'];
    this.send(frame, (error) => {
      if (!this.isEnded) this.socket.unref();
      callback(error);
    });
  }

  /** Sends the end, with an error if there is one. The socket stays referenced: the answer is waited for. */
  end(error, callback = () => {}) {
    this.isEnded = true;
    let trailers = '';
    if (error !== null) {
      trailers += `Lambda-Runtime-Function-Error-Type: ${headerText(error.errorType)}\r\n`;
      trailers += `Lambda-Runtime-Function-Error-Body: ${Buffer.from(error.body).toString('base64')}\r\n`;
    }
    this.send([`0\r\n${trailers}\r\n`], callback);
  }

  /** One write for all of it. */
  send(frame, callback) {
    const bytes = this.head === null ? frame : [this.head, ...frame];
    this.head = null;
    if (bytes.length === 0) {
      callback();
      return;
    }
    this.socket.ref();
    this.socket.cork();
    bytes.forEach((piece, index) => {
      this.socket.write(piece, 'latin1', index === bytes.length - 1 ? callback : undefined);
    });
    this.socket.uncork();
  }
}

class RuntimeClient {
  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.host = address;
    this.options = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)), noDelay: true };
    this.socket = null;
    this.received = [];
    this.receivedLength = 0;
    /** The length of the answer in progress; unknown before its head is there. */
    this.expected = undefined;
    this.waiting = null;
  }

  /** Asks for the next event; settles when there is one. */
  next() {
    return this.request('GET', '/2018-06-01/runtime/invocation/next', {}, null);
  }

  respond(requestId, body) {
    const path = `/2018-06-01/runtime/invocation/${requestId}/response`;
    return this.request('POST', path, { 'Content-Type': 'application/json' }, body);
  }

  fail(requestId, body, errorType) {
    return this.postError(`/2018-06-01/runtime/invocation/${requestId}/error`, body, errorType);
  }

  failInit(body, errorType) {
    return this.postError('/2018-06-01/runtime/init/error', body, errorType);
  }

  postError(path, body, errorType) {
    const headers = { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': headerText(errorType) };
    return this.request('POST', path, headers, body);
  }

  /** Begins a response that is sent as it is written. */
  stream(requestId, contentType) {
    const path = `/2018-06-01/runtime/invocation/${requestId}/response`;
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: ${this.host}`,
      `Content-Type: ${headerText(contentType)}`,
      'Lambda-Runtime-Function-Response-Mode: streaming',
      'Transfer-Encoding: chunked',
      'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    ];
    const answered = new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    return new ResponseWriter(this.connected(), `${head.join('\r\n')}\r\n\r\n`, answered);
  }

  /** The socket no longer keeps the process alive. */
  unref() {
    this.socket?.unref();
  }

  request(method, path, headers, body) {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      const socket = this.connected();
      socket.ref();
      let head = `${method} ${path} HTTP/1.1\r\nHost: ${this.host}\r\n`;
      for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
      if (body === null) {
        socket.write(`${head}\r\n`, 'latin1');
      } else if (body.length <= ONE_STRING_MAX) {
        // One string is one write, without a buffer for the body; a head is ASCII.
        socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, 'utf8');
      } else {
        const bytes = Buffer.from(body);
        socket.cork();
        socket.write(`${head}Content-Length: ${bytes.length}\r\n\r\n`, 'latin1');
        socket.write(bytes);
        socket.uncork();
      }
    });
  }

  connected() {
    if (this.socket !== null) return this.socket;
    const socket = net.connect(this.options);
    this.socket = socket;
    this.received = [];
    this.receivedLength = 0;
    this.expected = undefined;
    socket.on('data', (chunk) => this.receive(chunk));
    const closed = (error) => {
      if (this.socket !== socket) return;
      this.socket = null;
      const waiting = this.waiting;
      this.waiting = null;
      waiting?.reject(error instanceof Error ? error : new Error('the runtime API closed the connection'));
    };
    socket.on('error', closed);
    socket.on('close', closed);
    return socket;
  }

  receive(chunk) {
    this.received.push(chunk);
    this.receivedLength += chunk.length;
    // A large event comes in many chunks: they are joined once its head says that all are there.
    if (this.expected !== undefined && this.receivedLength < this.expected) return;
    const bytes = this.received.length === 1 ? chunk : Buffer.concat(this.received);
    this.received = [bytes];
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    // Header values are bytes of UTF-8: a client context may hold any character.
    const head = bytes.toString('utf8', 0, headEnd);
    const bodyStart = headEnd + HEAD_END.length;
    this.expected = bodyStart + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
    if (this.receivedLength < this.expected) return;
    const body = bytes.subarray(bodyStart, this.expected);
    this.expected = undefined;
    this.received = [];
    this.receivedLength = 0;
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.resolve(new Answer(head, body));
  }
}

module.exports = { RuntimeClient };
