import { isAgentIdentityError } from 'agent-identity-core';
import { findNearestName, readBoundedText } from 'agent-identity-core/http';
import type { Context } from 'hono';
import * as z from 'zod';
import { authorityError } from '../errors.js';
import { findDuplicateMember } from './find-duplicate-member.js';
import type { Operation } from './operation.js';

const maxBodyBytes = 64 * 1024;
const maxReportedIssues = 5;

/**
 * Reads the JSON body of a request with its schema.
 *
 * @throws AgentIdentityError `request_too_large`; `invalid_request`, which says what was expected of which member
 */
export async function readJsonBody<Body>(context: Context, schema: z.core.$ZodType<Body>): Promise<Body> {
  return readInput('The body', readJson(await readBody(context.req.raw)), schema);
}

function readJson(text: string): unknown {
  const json = parseStorableJson(text);
  if (json === undefined) throw authorityError('invalid_request', 'The body is not JSON that can be stored.');
  const duplicate = findDuplicateMember(text);
  if (duplicate !== undefined) {
    throw authorityError(
      'invalid_request',
      `The body is not valid: the member "${printable(duplicate)}" occurs twice.`,
    );
  }
  return json;
}

/**
 * Reads the query of a request with its schema. If a parameter is repeated, the first one counts.
 *
 * @throws AgentIdentityError `invalid_request`, which says what was expected of which parameter
 */
export function readQuery<Query>(context: Context, schema: z.core.$ZodType<Query>): Query {
  return readInput('The query', context.req.query(), schema);
}

/**
 * Refuses query parameters and body members that an operation does not have: an administrator's typing error must not go
 * unnoticed. An empty body and `{}` are the same.
 *
 * @throws AgentIdentityError `request_too_large`, `invalid_request`
 */
export async function refuseUnexpectedInput(context: Context, operation: Operation): Promise<void> {
  if (operation.query === undefined) readQuery(context, nothing);
  if (operation.body !== undefined || operation.method === 'get') return;
  const text = await readBody(context.req.raw);
  if (text !== '') readInput('The body', readJson(text), nothing);
}

const nothing = z.strictObject({});

/** Never reads more than the limit, regardless of the declared length. */
async function readBody({ headers, body }: Request): Promise<string> {
  if (Number(headers.get('content-length')) > maxBodyBytes) throw bodyTooLarge();
  try {
    return await readBoundedText(new Response(body), maxBodyBytes);
  } catch (error) {
    if (isAgentIdentityError(error, 'response_too_large')) throw bodyTooLarge();
    // The client disconnected, or its framing is broken: not our failure.
    throw authorityError('invalid_request', 'The body could not be read.');
  }
}

function bodyTooLarge(): Error {
  return authorityError('request_too_large', `The body is limited to ${maxBodyBytes} bytes.`);
}

function readInput<Input>(what: string, input: unknown, schema: z.core.$ZodType<Input>): Input {
  const result = z.safeParse(schema, input);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, maxReportedIssues)
    .map((issue) => describeIssue(issue, schema));
  const sentence = `${what} is not valid: ${problems.join('; ')}`;
  throw authorityError('invalid_request', sentence.endsWith('?') ? sentence : `${sentence}.`);
}

/** Says what was expected where. Names members and types, never values. */
function describeIssue(issue: z.core.$ZodIssue, schema: z.core.$ZodType): string {
  const path = issue.path.join('.');
  const prefix = path === '' ? '' : `${path}: `;
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    return `${prefix}unknown name "${printable(name)}", ${suggestName(name, memberNames(schema, issue.path))}`;
  }
  return `${prefix}${issue.message.replace(/^[A-Z][a-z ]*: /, '').replace(', received ', ', got ')}`;
}

function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length === 0 ? 'expected none' : `expected ${known.join(', ')}`;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** The names of the members that the schema allows at this path. */
function memberNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const root = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  const member = path.reduce<JsonSchema | undefined>((at, name) => at?.properties?.[String(name)], root);
  return Object.keys(member?.properties ?? {});
}

/** A name comes from the client: control characters must not reach a terminal. */
function printable(name: string): string {
  return name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** The value, or `undefined` if it is not JSON, or holds text that no database keeps: lone surrogates or NUL. */
function parseStorableJson(text: string): unknown {
  try {
    return JSON.parse(text, (name: string, value: unknown) => {
      if (!isWellFormed(name) || (typeof value === 'string' && !isWellFormed(value))) throw new SyntaxError();
      return value;
    });
  } catch {
    return undefined;
  }
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
