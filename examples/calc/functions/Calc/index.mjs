// A calculator: {a, b, op} in, {a, b, op, c} out. Operands may be numbers or their text. A mistake of the caller
// is an error whose message starts with "Invalid input:"; the API's selection pattern makes a 400 of it.
const operations = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const names = { add: '+', sub: '-', mul: '*', div: '/' };

export const handler = async (event) => {
  const a = operand('a', event.a);
  const b = operand('b', event.b);
  const op = Object.hasOwn(names, event.op) ? names[event.op] : event.op;
  if (!Object.hasOwn(operations, op)) throw new Error(`Invalid input: unknown operator ${JSON.stringify(event.op)}`);
  if (op === '/' && b === 0) throw new Error('Invalid input: division by zero');
  return { a, b, op, c: operations[op](a, b) };
};

const operand = (name, value) => {
  const text = typeof value === 'string' ? value.trim() : value;
  const number = typeof text === 'number' || (typeof text === 'string' && text !== '') ? Number(text) : NaN;
  if (!Number.isFinite(number)) throw new Error(`Invalid input: operand ${name} is not a number`);
  return number;
};
