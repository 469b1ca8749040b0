/** A job as `queryAsyncJobResult` tells of it. */
export interface Job {
  readonly id: string;
  readonly command: string;
  readonly accountId: string;
  readonly userId: string;
  readonly created: number;
  /** The object that the job makes or changes. */
  readonly instanceId: string | undefined;
  readonly work: () => object;
  /** 0 runs, 1 is done, 2 has failed, 3 was cancelled. */
  status: 0 | 1 | 2 | 3;
  completed: number | undefined;
  /** What the poll answers as `jobresult`. */
  result: object | undefined;
  /** The code of the failure, else 0. */
  resultCode: number;
  /** Polls since it is over. */
  polls: number;
}
