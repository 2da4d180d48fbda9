import { describeType } from 'agent-identity-core';
import { chatgptAuthError } from '../errors.js';
import { type AuthJson, authJsonSchema } from './auth-json-schema.js';
import { type JsonObject, jsonObjectOf } from './json-members.js';

/**
 * Reads the text of an `auth.json` strictly: JSON, of the schema, and with no member twice, since then two readers
 * may see two different values.
 *
 * @param text **Secret.** No part of it is in an error.
 * @throws AgentIdentityError `unreadable_auth_file`
 */
export function readAuthJson(text: string): AuthJson {
  const result = authJsonSchema.safeParse(parseJson(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.filter((step) => typeof step === 'string').join('.') || 'the document';
    throw unreadable(`${where} is not of the schema (${issue?.message ?? 'unknown reason'})`);
  }
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const duplicate = findDuplicate(jsonObjectOf(text));
    if (duplicate === undefined) return value;
    throw unreadable(`the member ${duplicate} is there twice`);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(`expected JSON, got ${describeType(text)}`);
    if (error instanceof RangeError) throw unreadable('it is nested too deeply');
    throw error;
  }
}

/** Of the members that are read, on both levels; what others do with unknown members is their business. */
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
  'task_id',
  'personal_access_token',
]);

function findDuplicate(document: JsonObject | undefined): string | undefined {
  const seen = new Set<string>();
  for (const { name, object } of document?.members ?? []) {
    if (seen.has(name) && readMembers.has(name)) return name;
    seen.add(name);
    const inside = name === 'tokens' || name === 'agent_identity' ? findDuplicate(object) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function unreadable(reason: string): Error {
  return chatgptAuthError('unreadable_auth_file', `auth.json: ${reason}; it was left as it is`);
}
