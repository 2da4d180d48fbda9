import {
  agentIdentityJwksUrl,
  type JwksSource,
  recordFromClaims,
  remoteJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import { demoAccount, type LoopbackServers } from '../servers/loopback-servers.js';
import { shorten } from '../timeline/shorten.js';
import type { Section } from '../timeline/timeline.js';
import { type RecordedExchange, recordingFetch } from './recording-fetch.js';

/** The keys that verify the authority's JWTs, and the requests made to fetch them. */
export interface SigningKeys {
  readonly jwks: JwksSource;
  readonly exchanges: readonly RecordedExchange[];
}

/** Issues an identity as a JWT and verifies the JWT on the agent's side. */
export async function issueIdentity(step: Section, { authority, authorityUrl }: LoopbackServers) {
  const { jwt } = await step('The authority generates an agent key and issues it in a JWT', async () => {
    const issued = await authority.issueAgentIdentityJwt({ account: demoAccount });
    return {
      sent: `issueAgentIdentityJwt for ${demoAccount.accountId}`,
      received: `${shorten(issued.jwt)}, a secret, for runtime ${issued.agentRuntimeId}`,
      jwt: issued.jwt,
    };
  });

  const { fetch, exchanges, lastExchange } = recordingFetch();
  const jwks = remoteJwks(agentIdentityJwksUrl(authorityUrl), {}, { fetch });
  const { claims } = await step(
    'The agent fetches the public signing keys and verifies the JWT',
    async () => {
      const claims = await verifyAgentIdentityJwt(jwt, { jwks });
      const { sent, received } = lastExchange();
      const verified = `verified: issuer ${claims.iss}, audience ${claims.aud}, account ${claims.account_id}`;
      return { sent, received: `${received}\n${verified}`, claims };
    },
  );
  return { signingKeys: { jwks, exchanges }, record: recordFromClaims(claims) };
}
