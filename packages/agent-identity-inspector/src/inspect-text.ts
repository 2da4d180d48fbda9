import { readSshPublicKey } from 'agent-identity-core';
import { looksLikeJwt, parseJson } from 'agent-identity-core/http';
import { unrecognizedInput } from './errors.js';
import { explainMember } from './explain-member.js';
import { inspectAssertion, inspectInstanceAssertion } from './inspect-assertion.js';
import { inspectAgentKey, inspectKeylessRecord, inspectRecord } from './inspect-identity.js';
import { inspectJwt } from './inspect-jwt.js';
import type { Inspection } from './inspection.js';
import { withoutHeaderName } from './without-header-name.js';

/**
 * Recognizes a document by its form and explains its members: an `Authorization` header, an assertion of either generation or
 * its envelope, a JWT, an OpenSSH line, a private key, a record, or an `auth.json` (docs/protocol.md sections 2, 3, 7 and 9).
 * It verifies no signature and sends nothing.
 *
 * @param text May be a **secret**. No part of it is in an error.
 * @param now Epoch milliseconds.
 * @throws AgentIdentityError `unrecognized_input`, and the codes of the form's parser
 * @example
 * ```ts
 * import { inspectText } from 'agent-identity-inspector';
 *
 * declare const pasted: string;
 * const { title, members } = await inspectText(pasted, Date.now());
 * const shown = members.map(({ name, value, secret }) => `${title} ${name}: ${secret ? 'hidden' : JSON.stringify(value)}`);
 * ```
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
    return inspectAssertion(`AgentAssertion ${toBase64Url(text)}`, now);
  }
  if ('agent_private_key' in document) return inspectRecord(document);
  if ('agent_runtime_id' in document && 'account_id' in document) return inspectKeylessRecord(document);
  const authMembers = ['auth_mode', 'OPENAI_API_KEY', 'tokens', 'agent_identity', 'personal_access_token'];
  if (!authMembers.some((name) => name in document)) throw unrecognized('JSON with other members');
  return import('./inspect-auth-json.js').then((module) => module.inspectAuthJson(text, document, now));
}

function inspectSshLine(line: string): Inspection {
  const { ssh, bytes } = readSshPublicKey(line);
  const raw = { name: 'ed25519_public_key', value: toHex(bytes) };
  const explained = { section: 'RFC 8709 section 4', explanation: 'The 32 bytes of the public key, in hex.' };
  const members = [explainMember('public_key', ssh), { ...raw, ...explained }];
  return {
    form: 'ssh_public_key',
    title: 'public key of an agent',
    section: '2',
    members,
    isSigned: false,
    notes: [],
  };
}

function inspectToken(token: string): Inspection {
  const members = [explainMember('personal_access_token', token)];
  return { form: 'token', title: 'personal access token', section: '9', members, isSigned: false, notes: [] };
}

function toBase64Url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unrecognized(got: string): Error {
  return unrecognizedInput(
    `expected a header, an assertion, a JWT, an OpenSSH line, a private key, a record or an auth.json, got ${got}`,
  );
}
