import { adminAuditRoutes } from './audit/admin-audit-routes.js';
import type { Authenticator, Principal } from './authentication/authenticator.js';
import { type DirectoryParts, directoryRoutes } from './directory/directory-routes.js';
import { type IntrospectionParts, introspectionRoute } from './directory/introspection-route.js';
import { openApiRoute } from './http/openapi-route.js';
import type { Route } from './http/operation.js';
import { type AdminAgentsParts, adminAgentsRoutes } from './runtimes/admin-agents-routes.js';
import { adminIssueRoute } from './runtimes/issue-agent-identity-route.js';
import { type AgentRegistrationParts, agentRegistrationRoute } from './runtimes/register-agent-route.js';
import { adminSigningKeysRoutes } from './signing-keys/admin-signing-keys-routes.js';
import { type JwksParts, jwksRoute } from './signing-keys/jwks-route.js';
import { type AdminTasksParts, adminTasksRoutes } from './tasks/admin-tasks-routes.js';
import { type TaskRegistrationParts, taskRegistrationRoute } from './tasks/register-task-route.js';

/** What all routes need. */
export interface AuthorityRoutesParts
  extends AgentRegistrationParts,
    TaskRegistrationParts,
    JwksParts,
    DirectoryParts,
    IntrospectionParts,
    AdminAgentsParts,
    AdminTasksParts {
  readonly authapiBasePath: string;
  /** There are no operations of administrators without any. */
  readonly administrators: Authenticator<Principal> | undefined;
  /** Likewise. */
  readonly verifiers: Authenticator<Principal> | undefined;
}

/** Every route of an authority but the key set, which is answered under any path; and the document that tells of all. */
export function authorityRoutes(parts: AuthorityRoutesParts): Route[] {
  const routes = [
    agentRegistrationRoute(parts),
    taskRegistrationRoute(parts),
    ...(parts.verifiers ? [...directoryRoutes(parts), introspectionRoute(parts)] : []),
    ...(parts.administrators ? administratorRoutes(parts) : []),
  ];
  const operations = [...routes, jwksRoute(parts)].map(({ operation }) => operation);
  return [...routes, openApiRoute(operations, parts.authapiBasePath)];
}

function administratorRoutes(parts: AuthorityRoutesParts): Route[] {
  return [
    adminIssueRoute(parts),
    ...adminAgentsRoutes(parts),
    ...adminTasksRoutes(parts),
    ...adminSigningKeysRoutes(parts),
    ...adminAuditRoutes(parts),
  ];
}
