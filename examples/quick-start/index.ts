import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";

const group = new CloudianGroup("blue", { groupId: "blue", groupName: "/ROOT/blue", active: true });
const user = new CloudianUser("ada", { groupId: group.groupId, userId: "ada", fullName: "Ada", active: true, limits: { storageKiB: { hard: 1024 } } });
export const accessKeyId = user.accessKeyId;
export const secret = user.secretAccessKey;
