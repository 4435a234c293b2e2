// Finds the handler that `_HANDLER` names: `dir/file.property.path` below the task root.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

/** An error of the function's configuration or code, with the type that the Runtime API reports. */
class LoadError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

async function loadHandler(taskRoot, handler) {
  if (handler.includes('..')) {
    const advice = 'Use absolute paths when specifying root directories in handler names.';
    throw new LoadError('Runtime.MalformedHandlerName', `'${handler}' is not a valid handler name. ${advice}`);
  }
  const name = path.basename(handler);
  const directory = handler.slice(0, handler.length - name.length);
  const dot = name.indexOf('.');
  if (dot <= 0 || dot === name.length - 1) throw new LoadError('Runtime.MalformedHandlerName', 'Bad handler');
  const property = name.slice(dot + 1);
  const file = path.resolve(taskRoot, directory, name.slice(0, dot));
  const module = await importModule(taskRoot, file, directory + name.slice(0, dot));
  const found = property.split('.').reduce((value, key) => value?.[key], module);
  if (found === undefined || found === null) {
    throw new LoadError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (typeof found !== 'function') throw new LoadError('Runtime.HandlerNotFound', `${handler} is not a function`);
  return found;
}

async function importModule(taskRoot, file, specifier) {
  try {
    return await loadFirst(taskRoot, file, specifier);
  } catch (error) {
    if (error instanceof SyntaxError) throw renamed('Runtime.UserCodeSyntaxError', error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw renamed('Runtime.ImportModuleError', error);
    }
    throw error;
  }
}

/** The first of Lambda's candidates that exists. */
async function loadFirst(taskRoot, file, specifier) {
  const require = createRequire(path.join(taskRoot, 'noop.js'));
  const isFile = (candidate) => fs.statSync(candidate, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile(file)) return require(file);
  if (isFile(`${file}.js`)) {
    return isModulePackage(file) ? imported(`${file}.js`) : require(`${file}.js`);
  }
  if (isFile(`${file}.mjs`)) return imported(`${file}.mjs`);
  if (isFile(`${file}.cjs`)) return require(`${file}.cjs`);
  return require(require.resolve(specifier, { paths: [taskRoot] }));
}

function imported(file) {
  return import(pathToFileURL(file).href);
}

/** Whether the nearest package.json, not looking past `node_modules`, says that `.js` is an ES module. */
function isModulePackage(file) {
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    if (path.basename(directory) === 'node_modules') return false;
    try {
      return JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    if (directory === path.dirname(directory)) return false;
  }
}

function renamed(type, error) {
  const loadError = new LoadError(type, String(error));
  const frames = String(error.stack).split('\n').filter((line) => line.startsWith('    at '));
  loadError.stack = [`${type}: ${error}`, ...frames].join('\n');
  return loadError;
}

module.exports = { loadHandler };
