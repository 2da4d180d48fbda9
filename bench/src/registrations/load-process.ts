// Sends task registrations with so many connections at once, each after the response to the one before it. Takes a file of
// requests and the number of connections; prints how many were answered with 200, and in how many milliseconds.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { argv, stdout } from 'node:process';

interface SignedRequest {
  readonly url: string;
  readonly body: string;
}

const [file = '', connections = '1'] = argv.slice(2);
const requests: SignedRequest[] = JSON.parse(readFileSync(file, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });

function send({ url, body }: SignedRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(body);
  });
}

async function work(): Promise<number> {
  let answered = 0;
  for (let next = requests.pop(); next !== undefined; next = requests.pop()) {
    if ((await send(next)) === 200) answered += 1;
  }
  return answered;
}

const start = performance.now();
const answered = await Promise.all(Array.from({ length: Number(connections) }, work));
const milliseconds = performance.now() - start;
agent.destroy();
stdout.write(JSON.stringify({ answered: answered.reduce((sum, count) => sum + count, 0), milliseconds }));
