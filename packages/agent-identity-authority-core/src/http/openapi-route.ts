import * as z from 'zod';
import { openApiDocument } from './openapi-document.js';
import type { Operation, Route } from './operation.js';

const operation: Operation = {
  operationId: 'getOpenApiDocument',
  method: 'get',
  path: '/openapi.json',
  summary: 'This document',
  access: 'public',
  answer: { description: 'An OpenAPI 3.1 document', schema: z.looseObject({ openapi: z.string() }) },
  revalidates: true,
  errors: [],
};

/** Describes the given operations, and itself. */
export function openApiRoute(operations: readonly Operation[], basePath: string): Route {
  const document = openApiDocument([...operations, operation], basePath);
  return {
    operation,
    handle: (context) => context.json(document, 200, { 'cache-control': 'public, max-age=300' }),
  };
}
