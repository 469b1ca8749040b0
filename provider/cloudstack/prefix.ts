/** How the names of CloudStack's settings begin. */
export const settingPrefix = "cloudstack";
