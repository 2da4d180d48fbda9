import { readSshPublicKey } from 'agent-identity-core';
import { looksLikeJwt, parseJson } from 'agent-identity-core/http';
import { commandLineError } from '../errors.js';
import { withoutHeaderName } from '../program/without-header-name.js';
import { explainMember } from './explain-member.js';
import { inspectAssertion, inspectInstanceAssertion } from './inspect-assertion.js';
import { inspectAgentKey, inspectRecord } from './inspect-identity.js';
import { inspectJwt } from './inspect-jwt.js';
import type { Inspection } from './inspection.js';

/**
 * Recognizes a document by its form and explains it.
 *
 * @param text May be a **secret**. No part of it is in an error.
 * @param now Epoch milliseconds.
 * @throws AgentIdentityError `unrecognized_input`, and the codes of the form's parser
 */
export async function inspectText(text: string, now: number): Promise<Inspection> {
  const value = withoutHeaderName(text);
  if (/^AgentAssertion /.test(value) || value.startsWith('1.')) {
    const isInstance = value.startsWith('1.') || value.includes('.');
    return isInstance ? inspectInstanceAssertion(value, now) : inspectAssertion(value, now);
  }
  if (/^bearer\s/i.test(value)) return inspectText(value.replace(/^bearer\s+/i, ''), now);
  if (value.startsWith('{')) return inspectJson(value, now);
  if (/^ssh-/.test(value)) return inspectSshLine(value);
  if (/^at-/.test(value)) return inspectToken(value);
  if (/^eyJ[\w-]+$/.test(value)) return inspectAssertion(`AgentAssertion ${value}`, now);
  if (looksLikeJwt(value) && !value.startsWith('M')) return inspectJwt(value, now);
  if (/^-----BEGIN|^[\w+/]+=*$/.test(value)) return inspectAgentKey(value);
  throw unrecognized('other text');
}

function inspectJson(text: string, now: number): Inspection | Promise<Inspection> {
  const document = parseJson(text);
  if (typeof document !== 'object' || document === null)
    throw unrecognized('text that starts like JSON and is not');
  if ('signature' in document && 'task_id' in document) {
    return inspectAssertion(`AgentAssertion ${Buffer.from(text).toString('base64url')}`, now);
  }
  if ('agent_private_key' in document) return inspectRecord(document);
  const authMembers = ['auth_mode', 'OPENAI_API_KEY', 'tokens', 'agent_identity', 'personal_access_token'];
  if (!authMembers.some((name) => name in document)) throw unrecognized('JSON with other members');
  return import('./inspect-auth-json.js').then((module) => module.inspectAuthJson(text, document, now));
}

function inspectSshLine(line: string): Inspection {
  const { ssh, bytes } = readSshPublicKey(line);
  const raw = { name: 'ed25519_public_key', value: Buffer.from(bytes).toString('hex') };
  const explained = { section: 'RFC 8709 section 4', explanation: 'The 32 bytes of the public key, in hex.' };
  const members = [explainMember('public_key', ssh), { ...raw, ...explained }];
  return { form: 'ssh_public_key', title: 'public key of an agent', section: '2', members, notes: [] };
}

function inspectToken(token: string): Inspection {
  const members = [explainMember('personal_access_token', token)];
  return { form: 'token', title: 'personal access token', section: '9', members, notes: [] };
}

function unrecognized(got: string): Error {
  return commandLineError(
    'unrecognized_input',
    `expected a header, an assertion, a JWT, an OpenSSH line, a private key, a record or an auth.json, got ${got}`,
  );
}
