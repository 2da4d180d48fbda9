import type { Context } from 'hono';
import type { z } from 'zod';
import { authorityError } from '../errors.js';

/**
 * Reads the JSON body of a request by its schema.
 *
 * @throws AgentIdentityError `invalid_request`, which names the members that do not fit, and no value
 */
export async function readJsonBody<Body>(context: Context, schema: z.ZodType<Body>): Promise<Body> {
  const result = schema.safeParse(await context.req.json().catch(() => undefined));
  if (result.success) return result.data;
  const members = new Set(result.error.issues.map(({ path }) => path.join('.') || 'the body as a whole'));
  throw authorityError('invalid_request', `The body is not as expected: ${[...members].join(', ')}.`);
}
