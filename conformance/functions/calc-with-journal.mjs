// The calculator of the examples; when a journal is named, every call leaves its event there first.
import { appendFileSync } from 'node:fs';
import { handler as calculate } from './calc.mjs';

export const handler = async (event) => {
  if (process.env.JOURNAL) appendFileSync(process.env.JOURNAL, `${JSON.stringify(event)}\n`);
  return calculate(event);
};
