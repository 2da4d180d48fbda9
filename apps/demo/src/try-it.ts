import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import { demoAccount, type LoopbackWorld } from './servers/loopback-world.js';

/** A command to send a request by hand, with an assertion that is good for five minutes. */
export async function curlCommands({ authority, authorityUrl, providerUrl }: LoopbackWorld): Promise<string> {
  const { jwt } = await authority.issueAgentIdentityJwt({ account: demoAccount });
  // Our own authority has just handed it over in this process: there is nothing to verify.
  const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
  const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: authorityUrl });
  const headers = Object.entries(auth.headers()).map(([name, value]) => `  -H '${name}: ${value}' \\\n`);
  return `
Authority  ${authorityUrl}
Provider   ${providerUrl}

Try it, within five minutes; press Enter for a fresh assertion, Ctrl+C to end:

curl -N ${providerUrl}/responses \\
${headers.join('')}  -H 'content-type: application/json' -d '{"input": "Hello", "stream": true}'

Change a character of the assertion, wait for it to expire, or leave the account out, and see what comes back.
The keys that identities are signed with: curl ${authorityUrl}/agent-identities/jwks
`;
}
