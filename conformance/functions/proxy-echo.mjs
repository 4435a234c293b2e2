// Returns the event of a proxy integration as the answer's body.
export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });
