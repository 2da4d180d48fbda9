import { isAgentIdentityError } from 'agent-identity-core';
import { parseAuthJson } from 'chatgpt-auth';
import { explainMember, explainMembers } from './explain-member.js';
import { inspectRecord } from './inspect-identity.js';
import { inspectJwt } from './inspect-jwt.js';
import type { InspectedMember, Inspection } from './inspection.js';

/** Explains an `auth.json` (docs/protocol.md section 9). What is wrong with it becomes a note. */
export async function inspectAuthJson(text: string, document: object, now: number): Promise<Inspection> {
  const { agent_identity: identity, tokens, ...others } = document as Readonly<Record<string, unknown>>;
  const members = [...explainMembers(others), ...explainTokens(tokens)];
  const isIdentity = identity !== null && identity !== undefined;
  if (isIdentity) members.push(explainAgentIdentity(identity));
  return {
    form: 'auth_json',
    title: 'auth.json',
    section: '9',
    members,
    isSigned: false,
    notes: [noteCredentials(text)],
    inside: isIdentity ? await inspectIdentity(identity, now) : undefined,
  };
}

function explainTokens(tokens: unknown): InspectedMember[] {
  if (typeof tokens !== 'object' || tokens === null) return [];
  return Object.entries(tokens).map(([name, value]) => ({
    ...explainMember(name, value),
    name: `tokens.${name}`,
  }));
}

function explainAgentIdentity(identity: unknown): InspectedMember {
  const form = typeof identity === 'string' ? 'a JWT' : 'a record';
  const explanation = `An agent identity as ${form}; see below.`;
  return { name: 'agent_identity', value: identity, secret: true, section: '9', explanation };
}

function noteCredentials(text: string): string {
  try {
    return `The credentials in use are of the kind ${parseAuthJson(text).kind}.`;
  } catch (error) {
    if (isAgentIdentityError(error)) return `Not usable: ${error.message}`;
    throw error;
  }
}

/** A damaged identity is described by the notes of the file. */
async function inspectIdentity(identity: unknown, now: number): Promise<Inspection | undefined> {
  if (typeof identity === 'object' && identity !== null) return inspectRecord(identity);
  if (typeof identity !== 'string') return undefined;
  return inspectJwt(identity.trim(), now).catch((error: unknown) => {
    if (isAgentIdentityError(error)) return undefined;
    throw error;
  });
}
