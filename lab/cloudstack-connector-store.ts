/** The Cloudian connector of the management servers. */
export interface ConnectorStore {
  connector: {
    /** How often the management servers were restarted. */
    restarts: number;
    /** Whether it was enabled at the last start: only then it hears of events and has its log-in command. */
    running: boolean;
    /** What it could not do: warnings that nobody but a reader of the log sees. */
    log: string[];
  };
}

export function newConnector(): ConnectorStore {
  return { connector: { restarts: 0, running: false, log: [] } };
}
