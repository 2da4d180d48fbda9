import { type AdminAuditParts, createAdminAuditRoutes } from './audit/admin-audit-routes.js';
import { type AuditLogRoutesParts, createAuditLogRoutes } from './audit/audit-log-routes.js';
import type { Administrator } from './authentication/administrator.js';
import type { Authenticator, Principal } from './authentication/authenticator.js';
import { createCallingAdministratorRoute } from './authentication/calling-administrator-route.js';
import { type ChangesRouteParts, createChangesRoute } from './directory/changes-route.js';
import { createDirectoryRoutes, type DirectoryParts } from './directory/directory-routes.js';
import { createForwardAuthRoute, type ForwardAuthSettings } from './directory/forward-auth-route.js';
import { createIntrospectionRoute, type IntrospectionParts } from './directory/introspection-route.js';
import { createAdminEnrollmentRoutes } from './enrollment/admin-enrollment-routes.js';
import { createAdminMetricsRoute } from './http/admin-metrics-route.js';
import { createOpenApiRoute } from './http/openapi-route.js';
import type { Route } from './http/operation.js';
import { type AdminInstancesParts, createAdminInstancesRoutes } from './instances/admin-instances-routes.js';
import { createInstanceDirectoryRoute, type InstanceDirectoryParts } from './instances/instance-directory.js';
import type { InstanceRegistrar } from './instances/register-instance.js';
import { createInstanceRegistrationRoute } from './instances/register-instance-route.js';
import { type AdminAgentsParts, createAdminAgentsRoutes } from './runtimes/admin-agents-routes.js';
import { createChildRegistrationRoute } from './runtimes/child-registration-route.js';
import { createIssueAgentIdentityRoute } from './runtimes/issue-agent-identity-route.js';
import { createKeyChangeRoute } from './runtimes/key-change-route.js';
import {
  type AgentRegistrationParts,
  createAgentRegistrationRoute,
} from './runtimes/register-agent-route.js';
import { createAdminSigningKeysRoutes } from './signing-keys/admin-signing-keys-routes.js';
import { createJwksRoute, type JwksParts } from './signing-keys/jwks-route.js';
import { type AdminTasksParts, createAdminTasksRoutes } from './tasks/admin-tasks-routes.js';
import { createTaskRegistrationRoute, type TaskRegistrationParts } from './tasks/register-task-route.js';

/** Dependencies of all routes. */
export interface AuthorityRoutesParts
  extends AgentRegistrationParts,
    TaskRegistrationParts,
    JwksParts,
    DirectoryParts,
    InstanceDirectoryParts,
    ChangesRouteParts,
    IntrospectionParts,
    InstanceRegistrar,
    AdminInstancesParts,
    AdminAgentsParts,
    AdminTasksParts,
    AdminAuditParts,
    AuditLogRoutesParts {
  readonly authapiBasePath: string;
  /** Without it, there is no route of proxies. */
  readonly forwardAuth: ForwardAuthSettings | undefined;
  /** Without it, there is no route of metrics. */
  readonly readMetrics: (() => Promise<string>) | undefined;
  /** Without it, there are no routes of administrators. */
  readonly administrators: Authenticator<Administrator> | undefined;
  /** Without it, there are no routes of verifiers. */
  readonly verifiers: Authenticator<Principal> | undefined;
}

/** Creates every route below the base path. The JWKS is served under any path, so only the OpenAPI document includes it. */
export function createAuthorityRoutes(parts: AuthorityRoutesParts): Route[] {
  const routes = [
    createAgentRegistrationRoute(parts),
    createTaskRegistrationRoute(parts),
    createChildRegistrationRoute(parts),
    createKeyChangeRoute(parts),
    createInstanceRegistrationRoute(parts),
    ...createAuditLogRoutes(parts),
    ...(parts.verifiers ? createVerifierRoutes(parts) : []),
    ...(parts.administrators ? createAdministratorRoutes(parts) : []),
  ];
  const operations = [...routes, createJwksRoute(parts)].map(({ operation }) => operation);
  return [
    ...routes,
    createOpenApiRoute(operations, parts.authapiBasePath),
    ...(parts.forwardAuth ? [createForwardAuthRoute({ ...parts, forwardAuth: parts.forwardAuth })] : []),
  ];
}

function createVerifierRoutes(parts: AuthorityRoutesParts): Route[] {
  return [
    ...createDirectoryRoutes(parts),
    createInstanceDirectoryRoute(parts),
    createChangesRoute(parts),
    createIntrospectionRoute(parts),
  ];
}

function createAdministratorRoutes(parts: AuthorityRoutesParts): Route[] {
  return [
    createCallingAdministratorRoute(),
    createIssueAgentIdentityRoute(parts),
    ...createAdminAgentsRoutes(parts),
    ...createAdminTasksRoutes(parts),
    ...createAdminInstancesRoutes(parts),
    ...createAdminEnrollmentRoutes(parts),
    ...createAdminSigningKeysRoutes(parts),
    ...createAdminAuditRoutes(parts),
    ...(parts.readMetrics ? [createAdminMetricsRoute(parts.readMetrics)] : []),
  ];
}
