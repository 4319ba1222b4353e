import type en from "../en/errors.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  input: "提交的内容有误。",
  data: "数据无法按现在的样子读取。",
  task: "这与项目的任务不符。",
  missing: "找不到，或者已经不存在了。",
  conflict: "按目前的状况，这一步做不了。",
  guarantee: "按照承诺，现在还不能这样做。",
  limit: "超过了服务器允许的大小。",
  storage: "服务器没能存下来，磁盘可能已满。",
  trust: "完整性校验没有通过，请告知工作区的所有者。",
  unauthenticated: "登录已失效，请重新登录；你给出的回答都还在。",
  forbidden: "你的角色不允许这样做。",
  rate: "短时间内尝试太多次了，请稍等片刻。",
  fault: "服务器出了差错，已经记录下来，请再试一次。",
  offline: "连不上服务器。请检查网络，页面会继续重试。",
  page: "页面出了差错，已停止运行。",
};

export default texts;
