import type { Authenticator, Principal } from '../authentication/authenticator.js';
import type { Route } from '../http/operation.js';
import { type AdminAgentsParts, adminAgentsRoutes } from './admin-agents.js';
import { adminAuditRoutes } from './admin-audit.js';
import { adminIssueRoute } from './admin-issue.js';
import { adminSigningKeysRoutes } from './admin-signing-keys.js';
import { type AdminTasksParts, adminTasksRoutes } from './admin-tasks.js';
import { type DirectoryParts, directoryRoutes } from './directory.js';
import { type IntrospectionParts, introspectionRoute } from './introspect.js';
import { type JwksParts, jwksRoute } from './jwks.js';
import { openApiRoute } from './openapi.js';
import { type AgentRegistrationParts, agentRegistrationRoute } from './register-agent.js';
import { type TaskRegistrationParts, taskRegistrationRoute } from './register-task.js';

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
