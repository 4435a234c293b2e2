// Runs a Node.js function: loads the handler, asks the Runtime API for events, calls the handler, posts its results.
//
// AWS: Lambda Developer Guide, "Define Lambda function handler in Node.js".
'use strict';

const module_ = require('node:module');
const { RuntimeClient } = require('./client.cjs');
const { loadHandler } = require('./loader.cjs');
const { current, patchConsole, logError } = require('./console.cjs');
const streaming = require('./streaming.cjs');

const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;
/** From this version on AWS refuses handlers that want a callback. */
const CALLBACKS_END_AT_MAJOR = 24;
/** What the runtime answers when an event was accepted but the answer was too large for the caller. */
const PAYLOAD_TOO_LARGE = 413;

const environment = process.env;
const client = new RuntimeClient(environment.AWS_LAMBDA_RUNTIME_API);
/** The invocation in progress: how it ends is decided once. */
let invocation = null;

/** An error as the Runtime API reports it. */
function errorBody(error) {
  if (error instanceof Error) {
    const stack = typeof error.stack === 'string' ? error.stack.split('\n') : [];
    return { errorType: String(error.name ?? 'Error'), errorMessage: String(error.message), trace: stack };
  }
  return { errorType: typeof error, errorMessage: describe(error), trace: [] };
}

function describe(value) {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

class UnhandledPromiseRejection extends Error {
  constructor(reason, promise) {
    super(describe(reason));
    this.name = 'Runtime.UnhandledPromiseRejection';
    this.reason = reason;
    this.promise = promise;
  }
}

function namedError(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** The context object of one event; `settle` is for handlers that may answer through it. */
function contextOf(headers, settle) {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  const json = (name) => (headers.has(name) ? JSON.parse(headers.get(name)) : undefined);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json('lambda-runtime-client-context'),
    identity: json('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn'),
    awsRequestId: headers.get('lambda-runtime-aws-request-id'),
    tenantId: headers.get('lambda-runtime-aws-tenant-id'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  if (callbacksAllowed && settle !== null) {
    context.done = (error, result) => settle(error, result);
    context.fail = (error) => settle(error ?? 'handled');
    context.succeed = (result) => settle(null, result);
  }
  return context;
}

const callbacksAllowed = Number(process.versions.node.split('.')[0]) < CALLBACKS_END_AT_MAJOR;

/** The state of one event; `answered` learns how the handler ended, once. */
function begin(requestId, responseStream, answered) {
  const state = { requestId, responseStream, isOver: false, isAsync: false, outcome: null, finish: null };
  state.finish = (outcome) => {
    if (state.isOver) return;
    state.isOver = true;
    answered(outcome);
  };
  invocation = state;
  return state;
}

/** Calls the handler; the promise settles when the event is answered. */
function run(handler, headers, event) {
  return new Promise((answered) => {
    const requestId = headers.get('lambda-runtime-aws-request-id');
    const state = begin(requestId, null, answered);
    // A callback's result waits for the event loop to drain, unless the context says otherwise.
    const settle = (error, result) => {
      if (state.isOver || state.outcome !== null) return;
      state.outcome = error === null || error === undefined ? { result } : { error };
      if (!context.callbackWaitsForEmptyEventLoop) setImmediate(() => state.finish(state.outcome));
    };
    const context = contextOf(headers, settle);
    try {
      const returned = handler(event, context, callbacksAllowed ? settle : undefined);
      if (typeof returned?.then === 'function') {
        state.isAsync = true;
        // What was said by callback or context stands, whatever the promise comes to.
        const conclude = (outcome) => (state.outcome === null ? state.finish(outcome) : undefined);
        returned.then((result) => conclude({ result }), (error) => conclude({ error }));
      }
    } catch (error) {
      state.finish({ error });
    }
  });
}

/** Calls a handler that writes its response; the promise settles when the handler has. */
function runStreaming(handler, headers, event, responseStream) {
  return new Promise((answered) => {
    const state = begin(responseStream.requestId, responseStream, answered);
    try {
      const returned = handler(event, responseStream, contextOf(headers, null));
      if (typeof returned?.then !== 'function') {
        throw namedError('Runtime.MalformedStreamingHandler', 'Streaming does not support non-async handlers.');
      }
      state.isAsync = true;
      returned.then(() => state.finish({}), (error) => state.finish({ error }));
    } catch (error) {
      state.finish({ error });
    }
  });
}

// The loop has drained: nothing can settle the event any more but what has been decided.
process.on('beforeExit', () => {
  if (invocation === null || invocation.isOver) return;
  if (invocation.outcome === null && invocation.isAsync) {
    const error = namedError('Runtime.NodeJsExit', 'the event loop ended before the handler\'s promise was settled');
    invocation.finish({ error });
  } else {
    invocation.finish(invocation.outcome ?? { result: null });
  }
});

function serialise(result) {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

async function post(requestId, outcome) {
  if (!('error' in outcome)) {
    let body;
    try {
      body = serialise(outcome.result);
    } catch (error) {
      return post(requestId, { error });
    }
    const { status } = await client.respond(requestId, body);
    // The caller has been told; the function lives on.
    if (status !== 202 && status !== PAYLOAD_TOO_LARGE) throw new Error(`the response was refused with ${status}`);
    return undefined;
  }
  const body = errorBody(outcome.error);
  logError('Invoke Error', outcome.error, body);
  await client.fail(requestId, JSON.stringify(body), `Function.${body.errorType}`);
  return undefined;
}

/** Calls the handler and posts what became of it. */
async function answerWhole(handler, headers, event) {
  await post(current.requestId, await run(handler, headers, event));
}

/** Calls a handler that writes its response, and sees it to its end. */
async function answerStreaming(handler, headers, event) {
  const responseStream = new streaming.ResponseStream(client, current.requestId, handler[streaming.HIGH_WATER_MARK]);
  const outcome = await runStreaming(handler, headers, event, responseStream);
  const failure = await failureOf(outcome, responseStream);
  if (failure !== null) {
    const body = errorBody(failure.error);
    logError('Invoke Error', failure.error, body);
    await failInvocation(responseStream.requestId, responseStream, body);
    return;
  }
  const { status } = await responseStream.sent.answered;
  if (status !== 202 && status !== PAYLOAD_TOO_LARGE) throw new Error(`the response was refused with ${status}`);
}

/** What went wrong with a streamed response; null if it is complete. */
async function failureOf(outcome, responseStream) {
  if (responseStream.writableEnded) {
    await responseStream.over;
    if (responseStream.writableFinished) {
      // The caller has all of it: what went wrong afterwards is the log's.
      if ('error' in outcome) logError('Invoke Error', outcome.error, errorBody(outcome.error));
      return null;
    }
  }
  if ('error' in outcome) return outcome;
  return { error: responseStream.errored ?? new Error('Response stream is not finished.') };
}

/** Reports an error: as the event's response, or as the end of one that has begun. */
function failInvocation(requestId, responseStream, body) {
  const [text, errorType] = [JSON.stringify(body), `Function.${body.errorType}`];
  const sent = responseStream?.sent ?? null;
  if (sent === null) return client.fail(requestId, text, errorType);
  responseStream.destroy();
  if (!sent.isEnded) sent.end({ body: text, errorType });
  return sent.answered;
}

function setTraceId(traceId) {
  if (traceId === undefined) delete environment._X_AMZN_TRACE_ID;
  else environment._X_AMZN_TRACE_ID = traceId;
}

async function serve(handler) {
  const answer = streaming.isStreaming(handler) ? answerStreaming : answerWhole;
  for (;;) {
    const next = await client.next();
    if (next.status !== 200) throw new Error(`the runtime API answered ${next.status}: ${next.body}`);
    client.unref();
    const headers = next.headers();
    current.requestId = headers.get('lambda-runtime-aws-request-id');
    setTraceId(headers.get('lambda-runtime-trace-id'));
    await answer(handler, headers, JSON.parse(next.body.toString('utf8')));
    invocation = null;
  }
}

/** Reports an error that nobody caught and ends the process. */
async function die(kind, error, exitCode) {
  const body = errorBody(error);
  logError(kind, error, body);
  try {
    if (invocation !== null && !invocation.isOver) {
      invocation.isOver = true;
      await failInvocation(invocation.requestId, invocation.responseStream, body);
    } else if (!isInitialised) {
      await client.failInit(JSON.stringify(body), body.errorType);
    }
  } finally {
    process.exit(exitCode);
  }
}

let isInitialised = false;

async function main() {
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION));
  process.on('unhandledRejection', (reason, promise) => {
    const error = new UnhandledPromiseRejection(reason, promise);
    return die('Unhandled Promise Rejection', error, EXIT_UNHANDLED_REJECTION);
  });
  patchConsole(environment);
  const codeCache = environment.LAMBDAGATE_CODE_CACHE;
  delete environment.LAMBDAGATE_CODE_CACHE;
  if (codeCache !== undefined) module_.enableCompileCache?.(codeCache);
  streaming.install(environment);
  let handler;
  try {
    handler = await loadHandler(environment.LAMBDA_TASK_ROOT, environment._HANDLER);
  } catch (error) {
    await die('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION);
  }
  const wantsCallback = handler.length >= 3 && handler.constructor.name !== 'AsyncFunction';
  if (!callbacksAllowed && wantsCallback && !streaming.isStreaming(handler)) {
    const advice = 'Callback-based handlers are not supported by this version of Node.js. Use an async handler.';
    await die('Uncaught Exception', namedError('Runtime.CallbackHandlerDeprecated', advice), EXIT_UNCAUGHT_EXCEPTION);
  }
  // The process is killed, not asked to end: what was compiled is saved now.
  module_.flushCompileCache?.();
  isInitialised = true;
  await serve(handler);
}

main().catch((error) => {
  process.stderr.write(`the runtime API failed: ${error?.stack ?? error}\n`);
  process.exit(1);
});
