import * as z from 'zod';

/** The credentials of a request that a service received. */
export interface IntrospectionRequest {
  /** The value of its `Authorization` header: `AgentAssertion …`. */
  assertion: string;
  /** The value of its `ChatGPT-Account-ID` header. */
  account_id?: string | null | undefined;
}

export const introspectionRequestSchema: z.ZodType<IntrospectionRequest> = z.strictObject({
  assertion: z.string().meta({ description: 'The value of the Authorization header: AgentAssertion …' }),
  account_id: z.string().nullish().meta({ description: 'The value of the ChatGPT-Account-ID header.' }),
});

/** The verdict, modeled on RFC 7662 section 2.2. */
export interface IntrospectionResponse {
  active: boolean;
  /** The verified agent's ids, if active. */
  agent_runtime_id?: string | undefined;
  task_id?: string | undefined;
  account_id?: string | undefined;
  /** The capabilities of the agent, with spaces between them. */
  scope?: string | undefined;
  /** When the assertion was signed, in seconds since the Unix epoch. */
  iat?: number | undefined;
  /** The response of the service, if not active. */
  refusal?: { status: number; code: string; message: string } | undefined;
}

export const introspectionResponseSchema: z.ZodType<IntrospectionResponse> = z.object({
  active: z.boolean(),
  agent_runtime_id: z.string().optional(),
  task_id: z.string().optional(),
  account_id: z.string().optional(),
  scope: z
    .string()
    .optional()
    .meta({ description: 'The capabilities of the agent, with spaces between them.' }),
  iat: z.int().optional(),
  refusal: z
    .object({ status: z.int(), code: z.string(), message: z.string() })
    .optional()
    .meta({ description: 'The response of the service: 401 or 403, and the members of its error body.' }),
});
