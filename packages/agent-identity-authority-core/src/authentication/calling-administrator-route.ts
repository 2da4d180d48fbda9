import type { Operation, Route } from '../http/operation.js';
import { callingAdministratorSchema, toCallingAdministrator } from './administrator-wire.js';

const operation: Operation = {
  operationId: 'getCallingAdministrator',
  method: 'get',
  path: '/v1/admin/me',
  summary: 'Returns the name, the role and the accounts of the caller',
  access: 'administrator',
  response: { description: 'The caller', schema: callingAdministratorSchema },
  errors: [],
};

/** Creates the route that tells administrators who they are. */
export function createCallingAdministratorRoute(): Route {
  return {
    operation,
    handle: (context) => context.json(toCallingAdministrator(context.get('administrator'))),
  };
}
