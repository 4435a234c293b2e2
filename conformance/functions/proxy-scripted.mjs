// Returns whatever JSON the request's body holds, as the result of the function itself.
export const handler = async (event) => {
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body;
  const script = JSON.parse(text);
  if (script.throw) throw new Error(script.throw);
  return script.return;
};
