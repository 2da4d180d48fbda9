export type { McpAuthInfo, McpAuthInfoOptions } from './mcp-auth-info.js';
export { mcpAuthInfo } from './mcp-auth-info.js';
