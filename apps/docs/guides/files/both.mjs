import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/node';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

const accessToken = (await readFile('verifier.token', 'utf8')).trim();
const directory = remoteDirectory({ baseUrl: 'http://127.0.0.1:8787', accessToken, follow: true });
const verifier = createAssertionVerifier({ directory });

// As before: your own check of bearer tokens.
const knownToken = `Bearer ${(await readFile('known.token', 'utf8')).trim()}`;
const forBearers = ({ headers }, response) => {
  if (headers.authorization !== knownToken) return response.writeHead(401).end();
  answer(response, 'somebody with a bearer token');
};

const forAgents = requireAgent(verifier, (_request, response, { agentRuntimeId }) => {
  answer(response, agentRuntimeId);
});

const server = createServer((request, response) => {
  const hasBearer = /^bearer /i.test(request.headers.authorization ?? '');
  return (hasBearer ? forBearers : forAgents)(request, response);
});
server.listen(8081, '127.0.0.1');

// Count the two: when nobody comes with a bearer token any more, the move is over.
function answer(response, caller) {
  console.log(`called by ${caller}`);
  response.end(`hello, ${caller}\n`);
}
