import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/node';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

const directory = remoteDirectory({
  baseUrl: 'http://127.0.0.1:8787',
  accessToken: (await readFile('verifier.token', 'utf8')).trim(),
  follow: true,
});
const verifier = createAssertionVerifier({ directory });

const server = createServer(
  requireAgent(verifier, (request, response, { agentRuntimeId, accountId }) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: request.url, agentRuntimeId, accountId }));
  }),
);
server.listen(8080, '127.0.0.1');
