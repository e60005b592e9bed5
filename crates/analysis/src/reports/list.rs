reports![assessment];
