// Greets whoever `greeter` names. An empty name greets the world; a missing one is the caller's mistake, and
// the API maps the message of this error to a 400.
export const handler = async ({ greeter }) => {
  if (greeter === undefined || greeter === null) {
    throw new Error('Missing the required greeter parameter.');
  }
  return `Hello, ${greeter === '' ? 'World' : greeter}!`;
};
