"""Sentences that hold a value in the probes, and traps: sentences with what looks like personal data and is none.

Belongs here: texts by language. Does not: the values (`probe_formats.py`)."""

from __future__ import annotations

from genaiops_assets.privacy.probe_formats import Draw
from genaiops_assets.privacy.probe_names import digits, nonzero, pick
from genaiops_assets.privacy.probe_numbers import wrong_card

SENTENCES: dict[str, dict[str, list[str]]] = {
    "en": {
        "EMAIL": [
            "Write to {} for details.",
            "The customer's address is {}, as stated.",
            "cc: {}",
            "Mail <{}> bounced.",
        ],
        "PHONE": [
            "Call {} after nine.",
            "Phone: {}.",
            "The number on file is {}, please confirm.",
            "She can be reached at {}.",
        ],
        "IP": ["The login came from {} last night.", "Host {} was blocked.", "Client address: {}."],
        "IBAN": ["Transfer the amount to {}.", "IBAN: {}.", "The account {} was closed."],
        "CARD": ["The card {} was declined.", "Card number {}, valid until 11/27.", "He read out {} over the line."],
        "SECRET": ["The log shows {} in clear text.", "Authorization: Bearer {}", "Rotate {} today."],
        "SECRET bearer": [
            "Authorization: Bearer {}",
            "curl -H 'authorization: bearer {}'",
            "sent with Bearer {} to us",
        ],
        "PHONE national": [
            "Tel. {}, weekdays only.",
            "Telefon: {}.",
            "Tél. : {}.",
            "Teléfono {}, gracias.",
            "Fax: {}.",
            "her mobile is {}.",
        ],
        "SECRET assigned": [
            "api_key = {} in the settings.",
            "The password is {} for now.",
            'export CLIENT_SECRET="{}"',
        ],
        "SSN": ["Her SSN is {}.", "The applicant gave {} on the form.", "Tax payer {} was verified."],
        "SSN labelled": ["SSN: {}.", "Social security number {}, as on the card."],
        "NINO": ["National Insurance number {}.", "His NINO {} was checked.", "Please quote {} in your reply."],
        "ES_ID": ["DNI {}, issued in Spain.", "The holder of {} signed.", "NIF: {}."],
        "DE_TAX_ID": ["Steuer-ID: {}.", "The German tax id {} is missing.", "IdNr. {} applies."],
        "FR_NIR": ["Numéro de sécurité sociale : {}.", "The French insured person {} called.", "NIR {}, verified."],
        "IT_FISCAL_CODE": ["Codice fiscale {}.", "The tax code {} belongs to the heir.", "CF: {}, checked."],
        "VAT_ID": ["VAT number {}.", "The sole trader {} sent an invoice.", "USt-IdNr.: {}."],
        "PASSPORT": ["Passport no. {}.", "passport number: {}, expires next year.", "Her passport {} was copied."],
        "PERSON": [
            "The claim was filed by {} yesterday.",
            "Please ask {} to sign.",
            "We spoke with {} about the fee.",
            "{} opened the account.",
        ],
        "LOCATION": [
            "The customer moved to {} in spring.",
            "Letters go to {} from now on.",
            "The branch in {} is closed.",
        ],
    },
    "zh": {
        "EMAIL": ["请发送邮件至{}。", "邮箱：{}，请查收。", "联系地址为{}。"],
        "PHONE": ["请拨打{}咨询。", "联系电话：{}。", "手机号{}已登记。", "客户预留号码为{}，请核对。"],
        "IP": ["登录地址为{}。", "来自{}的请求已被拦截。"],
        "IBAN": ["请汇款至{}。", "收款账号：{}。"],
        "CARD": ["银行卡号{}已挂失。", "卡号：{}，有效期至2027年。", "请核对{}是否正确。"],
        "SECRET": ["日志中出现了{}。", "请立即更换{}。"],
        "SECRET assigned": ["密码：{}。", "密钥为{}，请妥善保管。", "api_key={}，请勿外传。"],
        "RESIDENT_ID": ["身份证号：{}。", "居民身份证{}已核验。", "申请人号码{}有效。"],
        "CREDIT_CODE": ["统一社会信用代码：{}。", "企业{}已注册。"],
        "PASSPORT": ["护照号码：{}。", "护照号{}已过期。", "持护照{}入境。"],
        "PERSON": ["客户{}昨日来电。", "联系人：{}。", "请找{}签字。", "{}先生已开户。"],
        "LOCATION": ["地址：{}。", "现居住于{}。", "请寄至{}，谢谢。"],
    },
}


TRAPS: dict[str, list[Draw]] = {
    "en": [
        lambda r: f"Order {nonzero(r, r.choice([8, 10]))} was shipped.",
        lambda r: (
            f"The fee is ${r.randint(1, 9)},{digits(r, 3)},{digits(r, 3)}.{digits(r, 2)} or "
            f"{r.randint(1, 9)}.{digits(r, 2)}%."
        ),
        lambda r: (
            f"Effective {r.randint(2001, 2030)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d} to "
            f"{r.randint(1, 12)}/{r.randint(1, 28)}/{r.randint(2001, 2030)}."
        ),
        lambda r: (
            f"See § {r.randint(1002, 1030)}.{r.randint(1, 40)}(a)({r.randint(1, 9)}) and section "
            f"{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}."
        ),
        lambda r: f"Product code {pick(r, 'QUVIDF', 2)}-{digits(r, 4)}-{pick(r, 'ABCD', 1)}, lot {digits(r, 6)}.",
        lambda r: (
            f"Version {r.randint(1, 9)}.{r.randint(10, 40)}.{r.randint(1, 9)} at "
            f"{r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}."
        ),
        lambda r: (
            f"Section {r.randint(2, 30)}.{r.randint(2, 40)}.{r.randint(10, 40)}.{r.randint(2, 9)} applies; see "
            f"clause {r.randint(10, 30)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}."
        ),
        lambda r: f"Chrome version {r.randint(10, 120)}.0.{r.randint(10, 250)}.{r.randint(10, 250)} is needed.",
        lambda r: f"![fees](fees@{r.randint(2, 3)}x.{r.choice(['png', 'webp', 'svg'])}) shows the fees.",
        lambda r: (
            f"Ticket #{digits(r, 5)} of {r.randint(2001, 2030)}, page {r.randint(1, 300)}, 12 CFR "
            f"{r.randint(1002, 1030)}.{r.randint(1, 40)}."
        ),
        lambda r: f"A test card {wrong_card(r)} is refused.",
        lambda r: (
            f"Totals: {r.randint(100, 999)} {digits(r, 3)} {digits(r, 3)} units and "
            f"+{r.randint(1, 9)}.{digits(r, 2)} points."
        ),
        lambda r: (
            f"Commit {pick(r, '0123456789abcdef', 10)} and id "
            f"{pick(r, '0123456789abcdef', 8)}-{pick(r, '0123456789abcdef', 4)}-4{pick(r, '0123456789abcdef', 3)}."
        ),
        lambda r: "Your password must have at least 12 characters and one of 0123456789.",
        lambda r: "Under Regulation E the Consumer Financial Protection Bureau sets the limits.",
    ],
    "zh": [
        lambda r: f"订单号{nonzero(r, 10)}已发货。",
        lambda r: (
            f"金额为{r.randint(1, 9)},{digits(r, 3)},{digits(r, 3)}.{digits(r, 2)}元，"
            f"年利率{r.randint(1, 9)}.{digits(r, 2)}%。"
        ),
        lambda r: f"自{r.randint(2001, 2030)}年{r.randint(1, 12)}月{r.randint(1, 28)}日起生效。",
        lambda r: (
            f"见第{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}节，编号{r.randint(2001, 2030)}-{digits(r, 4)}。"
        ),
        lambda r: f"详见第{r.randint(2, 30)}.{r.randint(2, 40)}.{r.randint(10, 40)}.{r.randint(2, 9)}条。",
        lambda r: f"工单{digits(r, 6)}，共{r.randint(1, 300)}页。",
        lambda r: f"卡号{wrong_card(r)}无效。",
        lambda r: f"版本{r.randint(1, 9)}.{r.randint(10, 40)}.{r.randint(1, 9)}发布。",
        lambda r: "密码长度至少为12位，须含数字。",
    ],
}
