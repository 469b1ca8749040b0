/** Where to read on when a single sign-on fails. */
export const ssoLogs =
  "Why is in the CMC's log on the HyperStore nodes, and in /var/log/cloudstack/management/management-server.log " +
  "of the management servers: search for SSO.";

/** For a browser that has a session from before. */
export const afresh = "Then log out of CloudStack and in again.";
