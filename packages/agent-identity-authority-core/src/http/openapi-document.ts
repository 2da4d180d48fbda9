import { errorBodySchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { permissionFor } from './administrator-permissions.js';
import { type RequestErrorCode, requestErrorStatuses } from './error-response.js';
import type { Access, Operation } from './operation.js';

/** An OpenAPI 3.1 document, ready for `JSON.stringify`. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

/** Describes operations by the schemas that the code uses, so the document cannot contradict the code. */
export function createOpenApiDocument(operations: readonly Operation[], basePath: string): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'agent-identity-authority',
      version: '1.0.0',
      description:
        'Registers agent runtimes and tasks, publishes signing keys, answers verifiers, and issues and revokes identities.',
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths,
    components: {
      schemas: { Error: jsonSchema(errorBodySchema, 'output') },
      securitySchemes: Object.fromEntries(
        Object.entries(securitySchemes).map(([name, description]) => [
          name,
          { type: 'http', scheme: 'bearer', description },
        ]),
      ),
    },
  };
}

const securitySchemes: Readonly<Record<Exclude<Access, 'public' | 'agent'>, string>> = {
  account: 'An access token of an account.',
  administrator: 'A token of an administrator, whose role decides what it may do.',
  verifier: 'A token of a service that verifies assertions.',
};

function describeOperation(operation: Operation): Record<string, unknown> {
  const { operationId, summary, access, response, body, revalidates = false } = operation;
  const parameters = describeParameters(operation);
  return {
    operationId,
    summary,
    ...(operation.access === 'administrator' && describePermission(operation)),
    security: access === 'public' ? [] : [{ [access]: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: jsonContent(jsonSchema(body, 'input')) } }),
    responses: {
      [response.status ?? 200]: {
        description: response.description,
        ...(revalidates && { headers: { ETag: { schema: { type: 'string' } } } }),
        content: {
          [response.mediaType ?? 'application/json']: { schema: jsonSchema(response.schema, 'output') },
        },
      },
      ...(revalidates && { 304: { description: 'Unchanged since the ETag of If-None-Match' } }),
      ...describeErrors(operation),
    },
  };
}

/** What programs may want to know, such as a console that offers what a role may do, and the same in words. */
function describePermission({ operationId }: Extract<Operation, { access: 'administrator' }>): object {
  const { role, limited } = permissionFor(operationId);
  const ofLimited =
    limited === 'own'
      ? 'Of administrators who are limited to accounts, it concerns these accounts only.'
      : 'Refused to administrators who are limited to accounts.';
  return {
    description: `Needs the role \`${role}\`. ${ofLimited}`,
    'x-required-role': role,
    'x-requires-all-accounts': limited === 'refused',
  };
}

function describeParameters({
  path,
  query,
  headers = {},
  revalidates,
}: Operation): Record<string, unknown>[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const { properties = {} } = query ? jsonSchema(query, 'input') : {};
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema })),
    ...Object.entries(headers).map(([name, description]) => ({
      name,
      in: 'header',
      required: true,
      description,
      schema: { type: 'string' },
    })),
    ...(revalidates ? [{ name: 'If-None-Match', in: 'header', schema: { type: 'string' } }] : []),
  ];
}

const permissionErrors = {
  own: ['role_required'],
  refused: ['role_required', 'all_accounts_required'],
} as const satisfies Readonly<Record<string, readonly RequestErrorCode[]>>;

/** The errors of an operation by status: its own, and those that follow from its access, body and limits. */
function describeErrors(operation: Operation): Record<string, unknown> {
  const { access, body, query, errors, errorCodes = {} } = operation;
  const known: readonly RequestErrorCode[] = [
    ...errors,
    ...(body || query || access === 'administrator' ? (['invalid_request'] as const) : []),
    ...(body ? (['request_too_large'] as const) : []),
    ...(access === 'public'
      ? []
      : (['invalid_access_token', 'insufficient_scope', 'authenticator_unavailable'] as const)),
    ...(operation.access === 'administrator'
      ? permissionErrors[permissionFor(operation.operationId).limited]
      : []),
    'too_many_requests',
    'internal_error',
    'store_unavailable',
    'authority_closed',
  ];
  const codes = new Set(known.map((code) => errorCodes[code] ?? code));
  const statuses = new Set([...codes].map((code) => requestErrorStatuses[code]));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: [...codes]
          .filter((code) => requestErrorStatuses[code] === status)
          .map((code) => `\`${code}\``)
          .join(', '),
        ...((status === 429 || status === 503) && { headers: retryAfterHeader }),
        content: jsonContent({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  );
}

const retryAfterHeader = { 'Retry-After': { schema: { type: 'integer' }, description: 'In seconds.' } };

function jsonContent(schema: object): object {
  return { 'application/json': { schema } };
}

/** JSON Schema 2020-12, which OpenAPI 3.1 uses as is. */
function jsonSchema(
  schema: z.core.$ZodType,
  io: 'input' | 'output',
): { properties?: Record<string, unknown> } {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest as { properties?: Record<string, unknown> };
}
