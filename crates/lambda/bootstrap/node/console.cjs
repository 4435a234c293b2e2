// Records of `console.*` in Lambda's formats. A record is one line: line ends inside become `\r` in text, and JSON has
// none.
'use strict';

const util = require('node:util');
const fs = require('node:fs');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/** The invocation that records belong to; undefined during initialisation. */
const current = { requestId: undefined };

/**
 * Writes all of `text`, also into a pipe whose reader is behind. A function may have closed its output: then the record is
 * lost, and what the function answers is not.
 */
function write(text) {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function writeText(level, message) {
  const record = `${new Date().toISOString()}\t${current.requestId}\t${level}\t${message}`;
  write(`${record.replace(/\r?\n/g, '\r')}\n`);
}

function describeError(error) {
  const stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  return { errorType: error.name ?? 'Error', errorMessage: error.message, stackTrace };
}

function jsonMessage(args) {
  if (args.length !== 1) return util.format(...args);
  const [only] = args;
  return typeof only === 'object' && only !== null && !(only instanceof Error) ? only : util.format(only);
}

function writeJson(level, args) {
  const record = { timestamp: new Date().toISOString(), level, requestId: current.requestId };
  record.message = jsonMessage(args);
  const error = args.find((argument) => argument instanceof Error);
  if (error !== undefined) Object.assign(record, describeError(error));
  let line;
  try {
    line = JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
  } catch {
    line = JSON.stringify({ ...record, message: util.format(...args) });
  }
  write(`${line}\n`);
}

/** Replaces the methods of `console` according to the function's logging configuration. */
function patchConsole(environment) {
  const isJson = environment.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  const lowest = Math.max(LEVELS.indexOf((environment.AWS_LAMBDA_LOG_LEVEL ?? '').toUpperCase()), 0);
  for (const [method, level] of Object.entries(METHODS)) {
    if (LEVELS.indexOf(level) < lowest) {
      console[method] = () => {};
    } else if (isJson) {
      console[method] = (...args) => writeJson(level, args);
    } else {
      console[method] = (...args) => writeText(level, util.format(...args));
    }
  }
}

/** Records an error that no handler caught. */
function logError(kind, error, body) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') {
    writeJson('ERROR', [error]);
  } else {
    const { trace, ...named } = body;
    writeText('ERROR', `${kind} \t${JSON.stringify({ ...named, stack: trace })}`);
  }
}

module.exports = { current, patchConsole, logError };
