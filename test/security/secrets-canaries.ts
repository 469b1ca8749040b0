/** Secrets that the tests give, each with characters that encoders treat differently, and no other use in the suite. */
export const given = {
  cloudianPassword: `Canary-Adm1n +/=&"<é 9f3kQ`,
  ecsPassword: `Canary-Ecs2 +/=&"<é 7hWvX`,
  cloudstackSecretKey: `Canary-Cls3 +/=&"<é 2mZpL`,
  cmcPassword: `Canary-Cmc4 +/=&"<é 5tRbY`,
  ssoKey: `Canary-Sso5 +/=&"<é 8nGcU`,
  policySecret: `Canary-Pol6 +/=&"<é 3vKdJ`,
  poolSecret: `Canary-Poo7 +/=&"<é 6xSfH`,
  settingSecret: `Canary-Set8 +/=&"<é 4wDgT`,
  nextPassword: `Canary-Nxt9 +/=&"<é 9jQyE`,
  handmadeKey: `Canary-Key0 +/=&"<é 1bMnA`,
} as const;
