import { describeType } from 'agent-identity-core';
import { looksLikeJwt } from 'agent-identity-core/http';
import { chatgptAuthError } from '../errors.js';
import { type AuthJson, checkAuthJson } from './auth-json-schema.js';
import { findMisplacedIdentity } from './find-misplaced-identity.js';
import { type LocatedObject, locateMembers } from './locate-members.js';

/**
 * Reads the text of an `auth.json` strictly: a JSON object of the schema, in which no member that is read occurs twice,
 * because two readers might then see two different values.
 *
 * @param text **Secret.** No part of it is in an error.
 * @param location Names the document in error messages, such as the path of the file.
 * @throws AgentIdentityError `unreadable_auth_file`
 */
export function readAuthJson(text: string, location: string): AuthJson {
  const document = parseDocument(text, location);
  const checked = checkAuthJson(document);
  if ('flaw' in checked) throw unreadable(location, checked.flaw);
  return checked;
}

function parseDocument(text: string, location: string): object {
  if (text.trim() === '' && !text.startsWith('\uFEFF')) throw unreadable(location, 'it is empty');
  if (text.startsWith('\uFEFF')) {
    throw unreadable(location, 'it begins with a byte order mark (BOM); save it as UTF-8 without one');
  }
  let document: unknown;
  let duplicate: string | undefined;
  try {
    document = JSON.parse(text);
    duplicate = findDuplicate(locateMembers(text));
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(location, 'it is nested too deeply');
    const hint = looksLikeJwt(text.trim())
      ? ' that looks like an Agent Identity JWT; expected it as the member agent_identity'
      : '';
    throw unreadable(location, `expected JSON, got ${describeType(text)}${hint}`);
  }
  if (duplicate !== undefined) throw unreadable(location, `the member ${duplicate} occurs twice`);
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  const misplaced = findMisplacedIdentity(document) === undefined ? '' : ' with an agent identity in it';
  const hint = misplaced === '' ? '' : '; expected it as the member agent_identity';
  throw unreadable(location, `expected a JSON object, got ${describeType(document)}${misplaced}${hint}`);
}

/** The members that are read, on both levels. */
const readMembers: ReadonlySet<string> = new Set([
  'auth_mode',
  'OPENAI_API_KEY',
  'tokens',
  'id_token',
  'access_token',
  'refresh_token',
  'account_id',
  'last_refresh',
  'agent_identity',
  'agent_runtime_id',
  'agent_private_key',
  'chatgpt_user_id',
  'email',
  'plan_type',
  'chatgpt_account_is_fedramp',
  'task_id',
  'personal_access_token',
  'bedrock_api_key',
  'agent_identity_terminal',
]);

function findDuplicate(document: LocatedObject | undefined): string | undefined {
  const seen = new Set<string>();
  for (const { name, object } of document?.members ?? []) {
    if (seen.has(name) && readMembers.has(name)) return name;
    seen.add(name);
    const inside = name === 'tokens' || name === 'agent_identity' ? findDuplicate(object) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

export function unreadable(location: string, reason: string): Error {
  return chatgptAuthError('unreadable_auth_file', `${location}: ${reason}; it was not changed`);
}
