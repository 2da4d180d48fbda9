import * as z from 'zod';
import { createOpenApiDocument } from './openapi-document.js';
import type { Operation, Route } from './operation.js';

const operation: Operation = {
  operationId: 'getOpenApiDocument',
  method: 'get',
  path: '/openapi.json',
  summary: 'Returns this document',
  access: 'public',
  response: { description: 'An OpenAPI 3.1 document', schema: z.looseObject({ openapi: z.string() }) },
  revalidates: true,
  errors: [],
};

/** Creates the route of a document that describes the given operations and itself. */
export function createOpenApiRoute(operations: readonly Operation[], basePath: string): Route {
  const document = createOpenApiDocument([...operations, operation], basePath);
  return {
    operation,
    handle: (context) => context.json(document, 200, { 'cache-control': 'public, max-age=300' }),
  };
}
