import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import { demoAccount, type LoopbackServers } from './servers/loopback-servers.js';

/** Returns a curl command that sends a request with an assertion, which is valid for five minutes. */
export async function formatCurlCommands({
  authority,
  authorityUrl,
  providerUrl,
}: LoopbackServers): Promise<string> {
  const { jwt } = await authority.issueAgentIdentityJwt({ account: demoAccount });
  // The JWT comes straight from the authority in this process, so it needs no verification.
  const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
  const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: authorityUrl });
  const headers = Object.entries(auth.headers()).map(([name, value]) => `  -H '${name}: ${value}' \\\n`);
  return `
Authority  ${authorityUrl}
Provider   ${providerUrl}

Try this within five minutes. Press Enter for a new assertion, Ctrl+C to exit.

curl -N ${providerUrl}/responses \\
${headers.join('')}  -H 'content-type: application/json' -d '{"input": "Hello", "stream": true}'

Then change a character of the assertion, wait until it expires, or remove the account header, and compare the responses.
The public keys that verify identities: curl ${authorityUrl}/agent-identities/jwks
`;
}
