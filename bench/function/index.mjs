// The least that a proxy function can do.
export const handler = async () => ({ statusCode: 200, body: '{"ok":true}' });
