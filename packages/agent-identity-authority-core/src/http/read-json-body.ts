import { isAgentIdentityError } from 'agent-identity-core';
import { readBoundedText } from 'agent-identity-core/http';
import type { Context } from 'hono';
import type * as z from 'zod';
import { authorityError } from '../errors.js';

const maxBodyBytes = 64 * 1024;

/**
 * Reads the JSON body of a request by its schema.
 *
 * @throws AgentIdentityError `request_too_large`; `invalid_request`, which names the members that do not fit, and no value
 */
export async function readJsonBody<Body>(context: Context, schema: z.ZodType<Body>): Promise<Body> {
  return readInput('The body', parseJson(await readBody(context.req.raw)), schema);
}

/** No more than the limit is read, whatever the request says of its length. */
async function readBody({ headers, body }: Request): Promise<string> {
  if (Number(headers.get('content-length')) > maxBodyBytes) throw tooLarge();
  try {
    return await readBoundedText(new Response(body), maxBodyBytes);
  } catch (error) {
    if (isAgentIdentityError(error) && error.code === 'response_too_large') throw tooLarge();
    // The client went away, or its framing broke: no failure of ours.
    throw authorityError('invalid_request', 'The body could not be read.');
  }
}

function tooLarge(): Error {
  return authorityError('request_too_large', `A body has ${maxBodyBytes} bytes at most.`);
}

/**
 * Reads the query of a request by its schema; likewise. Of a parameter that comes twice, the first counts.
 *
 * @throws AgentIdentityError `invalid_request`
 */
export function readQuery<Query>(context: Context, schema: z.ZodType<Query>): Query {
  return readInput('The query', context.req.query(), schema);
}

function readInput<Input>(what: string, input: unknown, schema: z.ZodType<Input>): Input {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const members = new Set(result.error.issues.map(({ path }) => path.join('.') || 'as a whole'));
  throw authorityError('invalid_request', `${what} is not as expected: ${[...members].join(', ')}.`);
}

/** The value, or `undefined` for what is no JSON, or holds text that no database keeps: lone surrogates and NUL. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (name: string, value: unknown) => {
      if (!isText(name) || (typeof value === 'string' && !isText(value))) throw new SyntaxError();
      return value;
    });
  } catch {
    return undefined;
  }
}

function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
