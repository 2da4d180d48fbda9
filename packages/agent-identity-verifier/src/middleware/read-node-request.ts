import { headerValue, type NodeHeaders } from './header-value.js';
import { accountHeader, type ReceivedRequest } from './judge-request.js';

/** What is needed of a request of Node's, the headers of a framework that builds on it included. */
export function readNodeRequest(request: NodeHeaders, clientAddress: string | undefined): ReceivedRequest {
  return {
    authorization: headerValue(request, 'authorization'),
    accountId: headerValue(request, accountHeader),
    clientAddress,
  };
}
