import { isAgentIdentityError } from 'agent-identity-core';
import { carriesAgentKey, decodeJwtPart, decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import { describeTime } from './describe-time.js';
import { unrecognizedInput } from './errors.js';
import { explainMember, explainMembers } from './explain-member.js';
import { explainIdentity } from './inspect-identity.js';
import type { Inspection } from './inspection.js';

/**
 * Explains a JWT: an Agent Identity JWT (docs/protocol.md section 7) or another one.
 *
 * @throws AgentIdentityError `unrecognized_input`
 */
export async function inspectJwt(jwt: string, now: number): Promise<Inspection> {
  const payload = decodeUnverifiedJwtPayload(jwt);
  const header = decodeJwtPart(jwt.split('.')[0] ?? '');
  if (payload === undefined || typeof header !== 'object' || header === null) {
    const expected = 'three parts of base64url with JSON objects in the first two';
    throw unrecognizedInput(`JWT: expected ${expected}, got other text`);
  }
  const headerMembers = explainMembers(header);
  const notes = noteExpiry(payload['exp'], now);
  if (!carriesAgentKey(jwt)) {
    const claims = ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp'].filter((name) => name in payload);
    const members = [...headerMembers, ...claims.map((name) => explainMember(name, payload[name]))];
    const others = Object.keys(payload).filter((name) => !claims.includes(name));
    const rest = others.length === 0 ? [] : [`Other claims: ${others.join(', ')}.`];
    return {
      form: 'jwt',
      title: 'JWT without an agent identity',
      section: 'RFC 7519',
      members,
      isSigned: true,
      notes: [...rest, ...notes],
    };
  }
  const explained = explainIdentity(payload);
  return {
    form: 'agent_identity_jwt',
    title: 'Agent Identity JWT',
    section: '7',
    members: [...headerMembers, ...explained.members],
    isSigned: true,
    notes: [...(await findFlaws(jwt)), ...explained.notes, ...notes],
  };
}

function noteExpiry(exp: unknown, now: number): string[] {
  if (typeof exp !== 'number') return [];
  return [`${exp * 1000 < now ? 'Expired' : 'Expires'} ${describeTime(exp * 1000, now)}.`];
}

async function findFlaws(jwt: string): Promise<string[]> {
  const { decodeUnverifiedAgentIdentityJwt } = await import('agent-identity-jwt');
  try {
    decodeUnverifiedAgentIdentityJwt(jwt);
    return [];
  } catch (error) {
    if (isAgentIdentityError(error)) return [`Not usable: ${error.message}`];
    throw error;
  }
}
