// Signs requests with AWS Signature Version 4, by the cryptography that every runtime has.

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'execute-api';
const text = new TextEncoder();

/** A text percent-encoded as signatures have it: letters, digits and `-._~` alone stay. */
export function encode(value) {
  const strict = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value).replace(/[!'()*]/g, strict);
}

/** Adds the headers of a signature: over host, content type and everything that begins with `x-amz-`. */
export async function sign({ verb, url, headers, bytes }, { accessKey, secretKey, sessionToken }, region, now) {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  headers.set('x-amz-date', time);
  if (sessionToken) {
    headers.set('x-amz-security-token', sessionToken);
  }
  const signed = [...headers].filter(([name]) => name === 'content-type' || name.startsWith('x-amz-'));
  signed.push(['host', url.host]);
  signed.sort(([a], [b]) => compare(a, b));
  const names = signed.map(([name]) => name).join(';');
  const request = [
    verb,
    canonicalPath(url.pathname),
    canonicalQuery(url.search),
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    hex(await digest(bytes ?? new Uint8Array())),
  ].join('\n');
  const scope = `${time.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
  const stringToSign = [ALGORITHM, time, scope, hex(await digest(text.encode(request)))].join('\n');
  let key = text.encode(`AWS4${secretKey}`);
  for (const part of [...scope.split('/'), stringToSign]) {
    key = await hmac(key, part);
  }
  const signature = hex(key);
  const credential = `${accessKey}/${scope}`;
  headers.set('authorization', `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`);
}

/** The path as it is sent, encoded once more, without empty segments. */
function canonicalPath(path) {
  return path.replace(/\/{2,}/g, '/').split('/').map(encode).join('/');
}

/** The query as it is sent, sorted by names and then values. */
function canonicalQuery(search) {
  const pairs = search.slice(1).split('&').filter((pair) => pair !== '').map((pair) => {
    const [name, ...value] = pair.split('=');
    return [name, value.join('=')];
  });
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map((pair) => pair.join('=')).join('&');
}

function compare(a, b) {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

async function digest(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

async function hmac(key, message) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, text.encode(message)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
