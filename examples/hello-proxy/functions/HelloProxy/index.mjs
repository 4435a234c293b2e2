// Greets by a Lambda proxy integration. `greeter` may come by query string, by header or in a JSON body, and
// may be given more than once. `/echo` sends the request's bytes back, and `/malformed` returns what a proxy
// integration may not return.
export const handler = async (event) => {
  const route = event.pathParameters?.proxy;
  if (route === 'echo') return echo(event);
  if (route === 'malformed') return { greeting: 'Hello, nobody!' };
  const greeters = greetersOf(event);
  const name = greeters.length > 0 ? greeters.join(' and ') : 'World';
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'text/plain' },
    multiValueHeaders: { 'X-Greeter': greeters },
    body: `Hello, ${name}!`,
  };
};

// Query string before header before body: the first source that names anybody wins.
const greetersOf = (event) =>
  [
    event.multiValueQueryStringParameters?.greeter,
    event.multiValueHeaders?.greeter,
    [jsonOf(event)?.greeter],
  ]
    .map((names) => (names ?? []).filter(Boolean))
    .find((names) => names.length > 0) ?? [];

const jsonOf = (event) => {
  try {
    return JSON.parse(bytesOf(event).toString('utf8'));
  } catch {
    return null; // a body that is no JSON greets nobody
  }
};

const echo = (event) => ({
  statusCode: 200,
  headers: { 'Content-Type': event.headers?.['Content-Type'] ?? 'application/octet-stream' },
  body: bytesOf(event).toString('base64'),
  isBase64Encoded: true,
});

const bytesOf = (event) => Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
