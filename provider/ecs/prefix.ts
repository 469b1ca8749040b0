/** How the names of the settings of an ECS begin. */
export const settingPrefix = "ecs";
