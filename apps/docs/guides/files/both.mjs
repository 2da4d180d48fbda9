import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/node';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

const accessToken = (await readFile('verifier.token', 'utf8')).trim();
const directory = remoteDirectory({ baseUrl: 'http://127.0.0.1:8787', accessToken, follow: true });
const verifier = createAssertionVerifier({ directory });

// Your own check of bearer tokens: returns the caller, or undefined.
const knownToken = (await readFile('known.token', 'utf8')).trim();
const orBearer = (token) => (token === knownToken ? { name: 'somebody with a bearer token' } : undefined);

// Count the two: when nobody comes with a bearer token any more, the move is over.
const onDecision = ({ by, outcome, code }) => console.log(by, outcome, code ?? '');

const listener = requireAgent(
  verifier,
  (_request, response, { agent, bearer }) => response.end(`hello, ${agent?.agentRuntimeId ?? bearer.name}\n`),
  { orBearer, onDecision },
);
createServer(listener).listen(8081, '127.0.0.1');
