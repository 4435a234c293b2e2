// Builds the requests of an API's methods, sends them and reads the responses.

import { encode, sign } from './sigV4Client.js';

const JSON_TYPE = 'application/json';

/** The rejection of a call whose status is not 2xx. */
export class ApigError extends Error {
  constructor(response) {
    super(`Request failed with status code ${response.status}`);
    this.name = 'ApigError';
    Object.assign(this, response, { response });
  }
}

/** A client with a function per method of `api`. */
export function newClient(api, config = {}) {
  const settings = {
    invokeUrl: (config.invokeUrl || api.invokeUrl).replace(/\/+$/, ''),
    region: config.region || api.region,
    apiKey: config.apiKey,
    contentType: config.defaultContentType || JSON_TYPE,
    acceptType: config.defaultAcceptType || JSON_TYPE,
    credentials: config.accessKey && config.secretKey
      ? { accessKey: config.accessKey, secretKey: config.secretKey, sessionToken: config.sessionToken }
      : undefined,
  };
  const call = (method) => (params, body, additionalParams) => send(settings, method, params ?? {}, body, additionalParams ?? {});
  return Object.fromEntries(Object.entries(api.methods).map(([name, method]) => [name, call(method)]));
}

async function send(settings, method, params, body, additional) {
  const missing = method.required.filter((name) => read(params, name) === undefined);
  if (missing.length > 0) {
    throw new TypeError(`Missing required parameters: ${missing.join(', ')}`);
  }
  const url = new URL(settings.invokeUrl + expand(method, params) + query(method, params, additional));
  const headers = requestHeaders(settings, method, params, additional);
  const bytes = method.verb === 'GET' || method.verb === 'HEAD' ? undefined : await serialize(body);
  if (bytes !== undefined && !headers.has('content-type')) {
    headers.set('content-type', settings.contentType);
  }
  if (settings.credentials) {
    await sign({ verb: method.verb, url, headers, bytes }, settings.credentials, settings.region, new Date());
  }
  const response = await fetch(url, { method: method.verb, headers, body: bytes, signal: additional.signal });
  const result = {
    status: response.status,
    statusText: response.statusText,
    headers: Object.fromEntries(response.headers),
    data: parse(await response.text()),
  };
  if (!response.ok) {
    throw new ApigError(result);
  }
  return result;
}

/** A parameter's value; undefined when it was not given. */
function read(params, name) {
  return Object.hasOwn(params, name) ? params[name] ?? undefined : undefined;
}

/** The path with its variables filled in; a greedy one may hold slashes. */
function expand(method, params) {
  return method.path.replace(/\{([^}+]+)(\+?)\}/g, (_, name, greedy) => {
    const text = String(read(params, name));
    const segments = greedy ? text.split('/') : [text];
    if (segments.some((segment) => segment === '.' || segment === '..')) {
      // No HTTP client sends these: they would lead to another path.
      throw new TypeError(`The parameter ${name} cannot be sent in a path: ${text}`);
    }
    return segments.map(encode).join('/');
  });
}

function query(method, params, additional) {
  const declared = method.queryParams.map((name) => [name, read(params, name)]);
  const pairs = [...declared, ...Object.entries(additional.queryParams ?? {})]
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function requestHeaders(settings, method, params, additional) {
  const headers = new Headers({ accept: settings.acceptType });
  if (settings.apiKey) {
    headers.set('x-api-key', settings.apiKey);
  }
  const declared = method.headerParams.map((name) => [name, read(params, name)]);
  for (const [name, value] of [...declared, ...Object.entries(additional.headers ?? {})]) {
    if (value !== undefined && value !== null) {
      headers.set(name, String(value));
    }
  }
  return headers;
}

/** A body's bytes: texts and binary data as they are, everything else as JSON. */
async function serialize(body) {
  if (body === undefined || body === null || body === '') {
    return undefined;
  }
  if (body instanceof Blob) {
    return new Uint8Array(await body.arrayBuffer());
  }
  if (body instanceof ArrayBuffer) {
    return new Uint8Array(body);
  }
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
