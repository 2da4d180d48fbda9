/** A request that was answered, for metrics and logs. Nothing in it is secret, and nothing comes from the client as it is. */
export interface AnsweredRequest {
  /** In lower case; `other` where there is no such operation. */
  readonly method: string;
  /** The path of the operation with its parameters in braces; `unmatched` where there is none. */
  readonly route: string;
  readonly status: number;
  /** By the authority's clock. */
  readonly milliseconds: number;
}
