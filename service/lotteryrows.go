package service

// LotteryRows keeps lotteries, and their panel files until a draw makes them public.
type LotteryRows interface {
	AddLottery(Lottery) error // ErrExists: id taken
	Lottery(id string) (Lottery, error)
	Lotteries(city, after string, limit int) ([]Lottery, error) // newest first: ids descend and are time-ordered
	UpdateLottery(Lottery) error                                // as UpdateRegister
	// AddLotteryFile keeps the file of a lottery; ErrExists when it has one.
	AddLotteryFile(id string, data []byte) error
	LotteryFile(id string) ([]byte, error)
	DropLotteryFile(id string) error // also where there is none
}
