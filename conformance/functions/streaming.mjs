// Streams what the request's body asks for: metadata, then each piece, with a wait at the gate after every one.
import net from 'node:net';

const gate = (port) => new Promise((open) => {
  net.connect(port, '127.0.0.1').on('close', open).resume();
});

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const script = event.body === undefined ? event : JSON.parse(event.body);
  if (script.failBefore) throw new Error(script.failBefore);
  let stream = responseStream;
  if (script.metadata) stream = awslambda.HttpResponseStream.from(stream, script.metadata);
  for (const piece of script.pieces ?? []) {
    stream.write(piece);
    if (script.gate) await gate(script.gate);
  }
  if (script.failMidway) throw new Error(script.failMidway);
  stream.end();
  if (script.gateAfter) await gate(script.gateAfter);
});
