import {
  agentIdentityJwksUrl,
  type JwksSource,
  recordFromClaims,
  remoteJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import { demoAccount, type LoopbackWorld } from '../servers/loopback-world.js';
import { shorten } from '../timeline/shorten.js';
import type { Chapter } from '../timeline/timeline.js';
import { type RecordedExchange, recordingFetch } from './recording-fetch.js';

/** The keys by which the authority's JWTs are verified, and what was sent for them. */
export interface SigningKeys {
  readonly jwks: JwksSource;
  readonly exchanges: readonly RecordedExchange[];
}

/** An identity is issued as a JWT, and the agent that gets it makes sure whom it is from. */
export async function issueIdentity(step: Chapter, { authority, authorityUrl }: LoopbackWorld) {
  const { jwt } = await step('The authority makes an agent key and issues it inside a JWT', async () => {
    const issued = await authority.issueAgentIdentityJwt({ account: demoAccount });
    return {
      sent: `an order: an identity for ${demoAccount.accountId}`,
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
      const verified = `verified: from ${claims.iss}, for ${claims.aud}, of account ${claims.account_id}`;
      return { sent, received: `${received}\n${verified}`, claims };
    },
  );
  return { signingKeys: { jwks, exchanges }, record: recordFromClaims(claims) };
}
