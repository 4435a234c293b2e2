// Appends every event to the journal, then returns the event's own `answer`, or a proxy answer.
import { appendFileSync } from 'node:fs';

export const handler = async (event) => {
  appendFileSync(process.env.JOURNAL, `${JSON.stringify(event)}\n`);
  return event.answer ?? { statusCode: 200, body: 'recorded' };
};
