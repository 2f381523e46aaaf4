// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase} from "../support/GovernanceBase.t.sol";
import {Coin, NaiveVault} from "../treasury/Treasury.t.sol";

/// @dev Deposits for whatever it gets.
contract NaiveInvestor {
    function invest(ERC4626 vault, uint256 assets) external returns (uint256) {
        IERC20(vault.asset()).approve(address(vault), assets);
        return vault.deposit(assets, address(this));
    }
}

/// @dev Pays as `call` is usually written: the answer is copied, wanted or not.
contract NaivePayer {
    function pay(address payable to, uint256 amount) external returns (bool done) {
        bytes memory answer;
        (done, answer) = to.call{value: amount}("");
    }

    receive() external payable {}
}

/// @dev Takes the ether and answers with 600 KB of nothing.
contract Bomb {
    receive() external payable {
        assembly {
            return(0, 600000)
        }
    }
}

/// @dev Asks for more while it is paid.
contract Reentrant {
    ITreasury private immutable treasury;
    bool public refused;

    constructor(ITreasury treasury_) {
        treasury = treasury_;
    }

    receive() external payable {
        try treasury.spendEther(payable(address(this)), msg.value) {
            refused = false;
        } catch {
            refused = true;
        }
    }
}

/// @title Attacks on the purse.
contract TreasuryAttacks is GovernanceBase {
    /// @dev One share, then a gift that makes it worth more than the next deposit, which then buys nothing.
    function test_attack_erc4626_inflation() public {
        Coin coin = new Coin();
        NaiveVault vault = new NaiveVault(coin);
        NaiveInvestor naive = new NaiveInvestor();
        coin.mint(address(treasury), 100e18);
        coin.mint(address(naive), 100e18);
        coin.mint(alice, 300e18);
        vm.startPrank(alice);
        coin.approve(address(vault), 1);
        vault.deposit(1, alice);
        coin.transfer(address(vault), 200e18);
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(vault), 0, 1));
        vm.prank(address(timelock));
        treasury.invest(address(vault), 100e18, 1);
        assertEq(coin.balanceOf(address(treasury)), 100e18, "ours has lost nothing");

        assertEq(naive.invest(vault, 100e18), 0, "the naive investor gets no share");
        assertTrue(vault.previewRedeem(1) >= 149e18, "its deposit is the attacker's");
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryNoMinimum.selector, address(vault)));
        vm.prank(address(timelock));
        treasury.invest(address(vault), 100e18, 0);
    }

    /// @dev The bomb pays for its memory; who copies its answer pays once more.
    function test_attack_return_bomb() public {
        Bomb bomb = new Bomb();
        NaivePayer naive = new NaivePayer();
        vm.deal(address(naive), 1 ether);
        vm.deal(address(treasury), 1 ether);

        uint256 gas = gasleft();
        naive.pay(payable(address(bomb)), 1);
        uint256 naiveGas = gas - gasleft();
        vm.prank(address(timelock));
        gas = gasleft();
        treasury.spendEther(payable(address(bomb)), 1);
        uint256 ours = gas - gasleft();
        assertEq(address(bomb).balance, 2, "both paid");
        assertTrue(naiveGas > ours + 500_000, "the answer isn't copied");
    }

    function test_attack_reentrant_payee() public {
        Reentrant payee = new Reentrant(treasury);
        vm.deal(address(treasury), 3 ether);
        vm.prank(address(timelock));
        treasury.spendEther(payable(address(payee)), 1 ether);
        assertEq(address(payee).balance, 1 ether, "once");
        assertTrue(payee.refused(), "refused");
    }
}
